import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileSystemOf, pollReason, reasonOfType } from '../../../server/source/watch/file-system.ts';
import { temporaryFolder } from '../discovering.ts';

test('network and FUSE file systems are polled, by the types that the kernel gives them', () => {
  const polled = {
    NFS: 0x6969,
    SMB: 0x517b,
    CIFS: 0xff534d42,
    FUSE: 0x65735546,
    '9p': 0x01021997,
    Ceph: 0x00c36400,
    AFS: 0x5346414f,
  };
  for (const [name, type] of Object.entries(polled)) assert.equal(reasonOfType(type), `${name} does not tell of all changes`);
  // As a system with words of 32 bits gives 0xff534d42.
  assert.equal(reasonOfType(-11317950), 'CIFS does not tell of all changes');
  for (const type of [0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630]) assert.equal(reasonOfType(type), undefined);
});

test('the file system of a real folder is asked', {
  skip: process.platform === 'linux' ? false : 'NOT TESTED: no Linux',
}, async (context) => {
  assert.equal(await pollReason('/proc/self'), 'proc does not tell of all changes');
  assert.equal(await fileSystemOf('/proc/self'), 'proc');
  assert.ok((await fileSystemOf(await temporaryFolder(context))).length > 0);
  await assert.rejects(pollReason('/no/such/folder'), { code: 'ENOENT' });
});

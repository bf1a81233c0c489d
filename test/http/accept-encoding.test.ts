import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptsGzip } from '../../server/http/accept-encoding.ts';

const accepts = (header: string | undefined, httpVersion = '1.1') =>
  acceptsGzip({ headers: header === undefined ? {} : { 'accept-encoding': header }, httpVersion });

test('gzip is given to those who name it, or anything', () => {
  for (const header of [
    'gzip',
    'gzip, deflate, br, zstd',
    'GZIP',
    'br;q=1, gzip;q=0.1',
    'x-gzip',
    '*',
    '*;q=0.5',
    'deflate,  gzip ; q=0.8',
  ])
    assert.equal(accepts(header), true, header);
});

test('nobody gets it who does not name it, refuses it, or likes the bytes as they are better', () => {
  for (const header of [
    undefined,
    '',
    'identity',
    'br, deflate',
    'gzip;q=0',
    'gzip;q=0.000, *',
    'gzip;q=0, identity;q=0',
    '*;q=0',
    'gzip;q=0.5, identity',
    'identity;q=0.6, *;q=0.5',
    'gzip;q=2',
    'gzip;q=',
    'gzip;q = 0',
    'gzip; q\t=0',
    'gzipped',
    ';q=1',
  ])
    assert.equal(accepts(header), false, String(header));
});

test('bytes as they are that are liked less are not sent', () => {
  assert.equal(accepts('gzip;q=0.5, identity;q=0.4'), true);
  assert.equal(accepts('identity;q=0, gzip'), true);
});

test('clients of HTTP/1.0 get what they always got', () => {
  assert.equal(accepts('gzip', '1.0'), false);
});

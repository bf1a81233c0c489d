import { statfs } from 'node:fs/promises';

/**
 * File systems whose changes may be made where this system does not see them, so that it cannot tell (linux/magic.h, statfs(2)). What
 * is mounted through FUSE is mostly a network too (sshfs, s3fs, virtiofs), and cannot be told from what is not.
 */
const UNTOLD: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x65735546, 'FUSE'],
  [0x01021997, '9p'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
  [0x19830326, 'BeeGFS'],
  [0x786f4256, 'VirtualBox'],
  [0xbacbacbc, 'VMware'],
  [0x7c7c6673, 'Parallels'],
  [0x9fa0, 'proc'],
  [0x62656572, 'sysfs'],
]);

/** Other types, by name: for people. */
const TOLD: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'XFS'],
  [0x9123683e, 'Btrfs'],
  [0x2fc12fc1, 'ZFS'],
  [0x01021994, 'tmpfs'],
  [0x794c7630, 'overlay'],
  [0xf2f52010, 'F2FS'],
]);

/** What kind of file system `path` is on: "ext4", or its number where we have no name for it. */
export async function fileSystemOf(path: string): Promise<string> {
  const type = await typeOf(path);
  return UNTOLD.get(type) ?? TOLD.get(type) ?? `type 0x${type.toString(16)}`;
}

/** Why a folder has to be polled, whatever a watch on it may say; undefined where a watch tells of every change. */
export async function pollReason(path: string): Promise<string | undefined> {
  return process.platform === 'linux' ? reasonOfType(await typeOf(path)) : undefined;
}

/** Types are 32 bits, and come as negative numbers where the system's word is no longer than that. */
export function reasonOfType(type: number): string | undefined {
  const name = UNTOLD.get(type >>> 0);
  return name === undefined ? undefined : `${name} does not tell of all changes`;
}

async function typeOf(path: string): Promise<number> {
  return (await statfs(path)).type >>> 0;
}

/** Reads the archive `path` backwards, keeping it in `folder`: for a test that makes that fail. */
import { ArchiveCache } from '../../../server/feed/file/archive-cache.ts';
import { numberedText, openArchive } from './archives.ts';

const [path = '', folder = ''] = process.argv.slice(2);
const cache = new ArchiveCache(64 * 1024 * 1024, { folder });
const { archive } = await openArchive(cache, path);
const { size } = await archive.stat();
const content = numberedText(size);
let isRight = true;
for (let position = size - 1_000_000; position >= 0; position -= 1_000_000)
  isRight &&= (await archive.read(position, 1_000_000)).equals(content.subarray(position, position + 1_000_000));
console.log(`the content is ${isRight ? 'right' : 'wrong'}, linear: ${archive.isLinear}, kept: ${cache.bytes}`);
await archive.close();
await cache.close();

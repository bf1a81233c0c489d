/**
 * Loaded before the server: has its modules changed as they are loaded, so that no file of the product is touched.
 *
 *     node --import './mutate.mjs?edits=[{"file": ..., "find": ..., "replace": ...}]' --import tsx server/main.ts
 */
import { register } from 'node:module';

const edits = JSON.parse(new URL(import.meta.url).searchParams.get('edits'));
register('./mutate-hooks.mjs', { parentURL: import.meta.url, data: { edits } });

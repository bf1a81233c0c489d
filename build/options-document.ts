/** `npm run docs`: writes docs/options.md from the table of options. */
import { writeFileSync } from 'node:fs';
import { optionsDocument } from '../server/config/options-document.ts';

writeFileSync(new URL('../docs/options.md', import.meta.url), optionsDocument());

/** What `curl -N -H "Accept: ACCEPT" URL` does, for machines without curl: node plain-client.mjs URL ACCEPT */
import { get } from 'node:http';

const [url, accept] = process.argv.slice(2);
get(url, { headers: { accept } }, (response) => response.pipe(process.stdout));

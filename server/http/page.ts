import express, { type Response, type Router } from 'express';
import { type Asset, pageAssets } from './page-bundle.ts';

/** Nothing inline and nothing from elsewhere: log text that slips into the document still cannot run. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page at `/` and its files below `/assets/`. Who asks before they are bundled (some 200 ms after the start) waits for them. */
export function createPage(): Router {
  const router = express.Router();
  router.get('/', async (_request, response, next) => {
    const html = (await pageAssets()).get('index.html');
    if (html === undefined) next();
    else sendAsset(response, html);
  });
  router.get('/assets/:name', async (request, response, next) => {
    const asset = (await pageAssets()).get(request.params.name);
    if (asset === undefined) next();
    else sendAsset(response, asset);
  });
  return router;
}

/** Express adds the ETag and answers 304; only fonts keep their content under one name, so all else is asked for again. */
function sendAsset(response: Response, { type, body }: Asset): void {
  response.set({
    'Content-Type': type,
    'Cache-Control': type === 'font/woff2' ? 'public, max-age=604800' : 'no-cache',
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
  response.send(body);
}

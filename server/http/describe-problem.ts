import { Router } from 'express';
import { catalogue } from '../problem/catalogue.ts';
import { Problem } from '../problem/problem.ts';
import { allowMethods } from './answer-problem.ts';

/** `GET /problems/CODE`: what a code means, so that the `type` of a problem document is an address that resolves (RFC 9457 §3.1.1). */
export function problemDescriptions(): Router {
  const router = Router();
  router.all('/problems/:code', allowMethods('GET', 'HEAD'), (request, response) => {
    const { code } = request.params;
    const entry = Object.entries(catalogue).find(([known]) => known === code)?.[1];
    if (entry === undefined) throw new Problem('unknown-path', { detail: 'There is no problem with that code.' });
    response.set({ 'Cache-Control': 'no-cache', 'X-Content-Type-Options': 'nosniff' });
    response.json({ code, ...entry });
  });
  return router;
}

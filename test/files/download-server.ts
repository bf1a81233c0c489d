/** A process that serves the folder given and nothing else, so that its memory is that of downloads. Ends with its parent. */
import type { AddressInfo } from 'node:net';
import express from 'express';
import { answerProblem } from '../../server/http/answer-problem.ts';
import { downloadRoute } from '../../server/http/download.ts';

const app = express();
app.use(downloadRoute(process.argv[2] ?? '.'));
app.use(answerProblem({ error: (fields, message) => console.error(message, fields) }));
const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());

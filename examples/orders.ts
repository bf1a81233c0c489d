/**
 * A shop that tells its pages of each order as it comes. Orders are kept in ./shop-data: a page that was away is told what it missed.
 *
 *     curl -d '{"item":"tea","count":2}' -H 'Content-Type: application/json' localhost:3000/orders
 *     curl -N localhost:3000/live/feeds/orders?since=start
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createLivefeed } from 'livefeed';

const livefeed = await createLivefeed({ data: './shop-data', logLevel: 'warn' });
const orders = livefeed.feed('orders');

const app = express();
app.use('/live', livefeed.handler);
app.post('/orders', express.json(), async (request, response) => {
  // Who sends an order again, since no answer came, has ordered once.
  const key = request.get('Idempotency-Key');
  const { id, time } = await orders.publish(request.body, { type: 'order', ...(key === undefined ? {} : { key }) });
  response.status(201).json({ id, time });
});
app.get('/', (_request, response) => {
  response.type('html').send('<script type="module" src="/page.js"></script><ol id="orders"></ol>');
});
app.get('/page.js', (_request, response) => {
  response.type('js').send(`
    const list = document.querySelector('#orders');
    const feed = new EventSource('/live/feeds/orders?since=start');
    feed.addEventListener('order', ({ data }) => {
      list.append(Object.assign(document.createElement('li'), { textContent: JSON.parse(data).item }));
    });
  `);
});

const server = createServer(app).listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`the shop is at http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

process.once('SIGTERM', async () => {
  server.close();
  await livefeed.close();
  process.exit(0);
});

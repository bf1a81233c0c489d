import { needs } from '../../needed-program.ts';
import { behindProxy } from './behind-proxy.ts';
import { HAPROXY_TIMEOUT_MS, startHaproxy } from './proxy.ts';

behindProxy({
  name: 'haproxy',
  start: startHaproxy,
  skip: needs('haproxy'),
  timeoutMs: HAPROXY_TIMEOUT_MS,
  host: "the client's",
  isLeavingTold: false,
});

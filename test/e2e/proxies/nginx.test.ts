import { needs } from '../../needed-program.ts';
import { behindProxy } from './behind-proxy.ts';
import { NGINX_TIMEOUT_MS, startNginx } from './proxy.ts';

behindProxy({
  name: 'nginx',
  start: startNginx,
  skip: needs('nginx'),
  timeoutMs: NGINX_TIMEOUT_MS,
  host: 'its own',
  isLeavingTold: true,
});

import { holdLock } from './life.ts';
import { Links } from './links.ts';
import { LIVE_EVERY_MS, type TabRequest } from './messages.ts';
import { Tab } from './tab.ts';

/** What a shared worker's global object has; the types of the page have another. */
interface SharedScope {
  onconnect: ((event: MessageEvent) => void) | null;
}

const tabs = new Set<Tab>();
let lock: string | undefined;
holdLock((name) => {
  lock = name;
  for (const tab of tabs) tab.tell({ is: 'lock', name });
});
const links = new Links({
  opened: () => {
    for (const tab of tabs) tab.tell({ is: 'back' });
  },
});

(globalThis as unknown as SharedScope).onconnect = ({ ports: [port] }) => {
  if (port === undefined) return;
  const gone = () => {
    tabs.delete(tab);
    port.close();
  };
  const tab: Tab = new Tab({ post: (answer) => port.postMessage(answer), links, gone });
  tabs.add(tab);
  if (lock !== undefined) tab.tell({ is: 'lock', name: lock });
  port.onmessage = ({ data }: MessageEvent<TabRequest>) => tab.handle(data);
};
setInterval(() => {
  for (const tab of tabs) tab.look();
}, LIVE_EVERY_MS);

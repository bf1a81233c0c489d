import { type FeedName, parseFeedName } from '../name.ts';

/** `~` stands in no name of a feed, so no two feeds have one folder, and none lies in that of another. At most as long as the name. */
export function folderOf(name: FeedName): string {
  return name.replaceAll('/', '~');
}

/** The feed whose folder is called that; undefined where none is. */
export function feedIn(folder: string): FeedName | undefined {
  return folder.includes('/') ? undefined : parseFeedName(folder.replaceAll('~', '/'));
}

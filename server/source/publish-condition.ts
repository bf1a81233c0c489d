/** What must be so for something to be published. */
export interface PublishCondition {
  /** Only where the last event of the feed is one of these (cursors); `*`: only into a feed that is there. */
  readonly ifMatch?: '*' | readonly string[] | undefined;
  /** Only into a feed that is not there yet. */
  readonly isNew?: boolean;
}

/** Tells (`back`) that the service answers again, whichever of the tabs has found out: the others need not wait. */
export const serviceNews = new EventTarget();

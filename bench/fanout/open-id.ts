/** The id with which a stream begins: what a reader who has seen nothing else comes back with. */
export async function openId(port: number, path: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { accept: 'text/event-stream' } });
  if (answer.body === null) throw new Error(`${path} has no body`);
  let text = '';
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  while (!/^id: .+\n/m.test(text)) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
  }
  await reader.cancel();
  return /^id: ?(.+)$/m.exec(text)?.[1] ?? '';
}

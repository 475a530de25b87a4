/** Enough of XMLHttpRequest for Node, over its fetch. A test may hold what it sends. */
export class NodeXHR extends EventTarget {
  /** Waited for before anything is sent. */
  static gate: (url: string) => Promise<void> = async () => {}
  /** Sent with every request, as a browser sends cookies. */
  static cookie = ''
  static sent: string[] = []
  readonly upload = new EventTarget()
  status = 0
  responseText = ''
  private method = ''
  private url = ''
  private readonly headers: Record<string, string> = {}
  private answer: Headers | undefined
  private readonly stop = new AbortController()

  open(method: string, url: string): void {
    this.method = method
    this.url = url
  }
  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value
  }
  getResponseHeader(name: string): string | null {
    return this.answer?.get(name) ?? null
  }
  abort(): void {
    this.stop.abort()
  }
  send(body: Blob): void {
    this.work(body).then(() => this.dispatchEvent(new Event('load')), () => this.dispatchEvent(new Event(this.stop.signal.aborted ? 'abort' : 'error')))
  }
  private async work(body: Blob): Promise<void> {
    await NodeXHR.gate(this.url)
    this.stop.signal.throwIfAborted()
    NodeXHR.sent.push(this.url)
    this.upload.dispatchEvent(Object.assign(new Event('progress'), { loaded: body.size }))
    const answer = await fetch(this.url, { method: this.method, headers: { ...this.headers, ...(NodeXHR.cookie ? { Cookie: NodeXHR.cookie } : {}) }, body, signal: this.stop.signal })
    this.answer = answer.headers
    this.status = answer.status
    this.responseText = await answer.text()
  }
}

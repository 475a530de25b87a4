export interface ServerEvent {
  id: string
  type: string
  data: string
}

/** Reads server-sent events from the body of an answer, as the HTML standard has them. */
export async function* serverEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  let id = ''
  let type = ''
  let data: string[] = []
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return // an event whose blank line did not come is not one
      rest += decoder.decode(value, { stream: true })
      const lines = rest.split('\n')
      rest = lines.pop()!
      for (const raw of lines) {
        const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
        if (line === '') {
          if (data.length > 0) yield { id, type: type || 'message', data: data.join('\n') }
          type = ''
          data = []
          continue
        }
        const colon = line.indexOf(':')
        if (colon === 0) continue
        const field = colon < 0 ? line : line.slice(0, colon)
        const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
        if (field === 'event') type = value
        else if (field === 'data') data.push(value)
        else if (field === 'id') id = value
      }
    }
  } finally {
    await reader.cancel().catch(() => {}) // the connection is over already
  }
}

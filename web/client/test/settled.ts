import { createClient, Events, type ClientOptions, type StoredFile } from '../src/index.ts'

/** Waits until a file is neither arriving nor being checked. */
export async function settled(server: string, id: string, o: ClientOptions = {}): Promise<StoredFile> {
  const client = createClient({ ...o, baseUrl: server })
  const events = new Events({ client })
  try {
    return await new Promise((resolve, reject) => {
      const look = async () => {
        const f = await client.files.info(id)
        const busy = f.status === 'uploading' || f.status === 'processing' || f.rechecking || (f.status === 'uploaded' && f.verdict !== 'passed')
        if (!busy) resolve(f)
      }
      events.subscribe('snapshot', () => look().catch(reject))
      events.subscribe('file', e => { if (e.event.file_id === id) look().catch(reject) })
    })
  } finally {
    events.close()
  }
}

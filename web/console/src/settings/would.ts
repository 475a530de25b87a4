import type { Client, ListQuery, Retention, StoredFile } from '@freshet/client'

/** A file that rules would delete, and the first of them that does. */
export interface Gone {
  file: StoredFile
  rule: Retention
}

const day = 86_400_000
const page = 1000

/**
 * What rules would delete now that are not saved yet: the server tries out those that
 * are. It reads no more of the list than goes, and what is on hold.
 */
export async function wouldDelete(client: Client, project: string, rules: readonly Retention[], signal?: AbortSignal, now = Date.now()): Promise<Gone[]> {
  const found = new Map<string, Gone>()
  for (const rule of rules) {
    const before = now - (rule.keep_days ?? 0) * day
    // those to be kept for their number are the newest sent; where there are none, the longest unchanged come first
    const byNumber = !!rule.keep_last
    const query: ListQuery = { status: rule.status, dataType: rule.data_type, sort: byNumber ? '-upload_time' : 'updated_time', limit: page, offset: rule.keep_last }
    for await (const file of all(client, project, query, signal)) {
      const old = Date.parse(file.updated_time) < before
      if (!old && !byNumber) break
      if (old && file.hold === null && !found.has(file.file_id)) found.set(file.file_id, { file, rule })
    }
  }
  return [...found.values()]
}

async function* all(client: Client, project: string, query: ListQuery, signal?: AbortSignal): AsyncGenerator<StoredFile> {
  let { files, next_cursor: cursor } = await client.files.list({ ...query, project }, signal)
  yield* files
  const { offset: _, ...rest } = query // the cursor knows
  while (cursor) {
    ;({ files, next_cursor: cursor } = await client.files.list({ ...rest, cursor, project }, signal))
    yield* files
  }
}

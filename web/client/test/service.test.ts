// The guide's service with the real axios and a real server.
import axios from 'axios'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEfficientDataService, type EfficientDataService } from '../src/index.ts'
import { badLines, goodLines } from './data.ts'
import { startServer } from '../../test/server.mjs'
import { settled } from './settled.ts'

let server: Awaited<ReturnType<typeof startServer>>
let service: EfficientDataService

beforeAll(async () => {
  server = await startServer(['--promote', 'manual'])
  service = createEfficientDataService(axios.create({ baseURL: server.url }))
})
afterAll(() => server?.stop())

const file = (content: Buffer, name: string) => new File([new Uint8Array(content)], name)

const status = async (id: string) => (await settled(server.url, id)).status

test('the eight of the guide', async () => {
  let gone = 0
  const sent = await service.uploadLargeFile(file(goodLines(5000), 'good.jsonl'), 'red_team', 'of the guide', { onUploadProgress: () => { gone++ } })
  expect(sent.data).toMatchObject({ status: 'success', data_type: 'red_team', is_duplicate: false })
  expect(gone).toBeGreaterThan(0)
  const id = sent.data.file_id
  expect(await status(id)).toBe('uploaded')
  const progress = (await service.getUploadProgress(id)).data
  expect(progress).toMatchObject({ fileId: id, file_id: id, fileSize: progress.file_size })
  expect(progress.progress.toFixed(1)).toMatch(/^\d/)
  expect((await service.getStagedFiles()).data.files).toHaveLength(1)
  expect((await service.getStagedFiles('fresh')).data.files).toHaveLength(0)
  expect((await service.getStagedFiles('uploaded', { limit: 1, q: 'good' })).data.total_count).toBe(1)
  expect((await service.getFileInfo(id)).data.metadata).toMatchObject({ description: 'of the guide' })

  const bad = (await service.uploadLargeFile(file(badLines(2000), 'bad.jsonl'), 'custom')).data.file_id
  expect(await status(bad)).toBe('failed')
  expect((await service.retryFailedFile(bad)).data).toMatchObject({ status: 'processing', file_id: bad })
  expect(await status(bad)).toBe('failed')
  expect((await service.processFile(bad, { max_errors: 1, allowed_formats: ['jsonl', 'csv'] })).data.status).toBe('processing')
  expect(await status(bad)).toBe('uploaded')
  expect((await service.cleanupFailedUploads()).data).toMatchObject({ cleaned_count: 0 })
  expect((await service.downloadFile(id)).data).toBeTruthy()
})

test('the later ones', async () => {
  const id = (await service.uploadLargeFile(file(goodLines(6000), 'later.jsonl'), 'custom')).data.file_id
  await status(id)
  expect((await service.getReport(id)).data.verdict).toBe('passed')
  expect((await service.getRecords(id, 2, 1)).data.records[0]!.line).toBe(2)
  expect((await service.getHistory(id)).data.events.length).toBeGreaterThan(0)
  expect((await service.getFindings(id)).data).toBe('')
  expect((await service.getFindingsMap(id, 5)).data.errors).toEqual([0, 0, 0, 0, 0])
  expect((await service.getRecordOverlap(id)).data.file_id).toBe(id)
  expect((await service.previewRules({ file_id: id, first_bytes: 1 << 20, validation_rules: { min_records: 1000 } })).data.report).toBeTruthy()
  expect((await service.promoteFile(id)).data.status).toBe('fresh')
  expect((await service.markUsed(id, 'run-7')).data.used_count).toBe(1)
  expect((await service.archiveFile(id)).data.status).toBe('archived')
  expect((await service.deprecateFile(id)).data.status).toBe('deprecated')
  expect((await service.deleteFile(id)).data.status).toBe('success')
  expect((await service.getLimits()).data.manual_promotion).toBe(true)
  expect((await service.getHealth()).data.status).toBe('healthy')
  expect((await service.getMetrics()).data.total_uploads).toBeGreaterThan(0)
})

test('what a server refuses is an error of axios, with the problem in it', async () => {
  const error = await service.getFileInfo('file_00000000000000000000000000000000').catch(e => e)
  expect(axios.isAxiosError(error)).toBe(true)
  expect(error.response.data).toMatchObject({ status: 404, code: 'unknown-file' })
})

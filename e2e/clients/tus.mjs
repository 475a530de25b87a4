// Sends a file with tus-js-client as its one argument says, a JSON object:
//
//   endpoint, file   where to and what
//   options          of tus-js-client
//   stream           send the file as a stream whose length is not known
//   storage          file that remembers uploads; one that is known there goes on
//   stopAt           bytes accepted by the server at which to abort
//
// It prints a JSON object a line: {accepted} once the server has a chunk,
// {request} once it answered, {resumed}, and last {done} or {stopped}.
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { PassThrough } from 'node:stream'
import tus from 'tus-js-client'

const job = JSON.parse(process.argv[2])
const say = (what) => process.stdout.write(JSON.stringify(what) + '\n')

let input = createReadStream(job.file) // which the client opens again by its path, to slice it
if (job.stream) {
  input = createReadStream(job.file, { highWaterMark: job.options.chunkSize }).pipe(new PassThrough({ highWaterMark: job.options.chunkSize }))
}

let stopped = false
const upload = new tus.Upload(input, {
  endpoint: job.endpoint,
  metadata: { filename: basename(job.file), data_type: 'custom', sent_by: 'tus-js-client' },
  retryDelays: [0, 100, 300, 500, 1000, 1000, 2000, 2000, 3000, 3000, 5000, 5000],
  ...(job.storage && { urlStorage: new tus.FileUrlStorage(job.storage) }),
  ...job.options,
  onAfterResponse(req, res) {
    say({ request: { method: req.getMethod(), offset: Number(req.getHeader('Upload-Offset') ?? -1), concat: req.getHeader('Upload-Concat') ?? '', status: res.getStatus() } })
  },
  onChunkComplete(size, accepted) {
    say({ accepted })
    if (job.stopAt && accepted >= job.stopAt && !stopped) {
      stopped = true
      upload.abort().then(() => say({ stopped: true }))
    }
  },
  onSuccess() {
    say({ done: upload.url })
  },
  onError(err) {
    console.error(err)
    process.exitCode = 1
  },
})

if (job.storage) {
  const [previous] = await upload.findPreviousUploads()
  if (previous) {
    upload.resumeFromPreviousUpload(previous)
    say({ resumed: previous.uploadUrl ?? previous.parallelUploadUrls.join(' ') })
  }
}
upload.start()

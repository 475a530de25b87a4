// A page that sends the file a person chooses, with Uppy as its guide shows it.
// Its address says where to, and how large a request may be.
import Uppy from '@uppy/core'
import Tus from '@uppy/tus'

const asked = new URLSearchParams(location.search)
const status = document.getElementById('status')

const uppy = new Uppy({ autoProceed: true })
uppy.use(Tus, {
  endpoint: asked.get('endpoint'),
  ...(asked.has('chunk') && { chunkSize: Number(asked.get('chunk')) }),
})
uppy.on('complete', ({ successful, failed }) => {
  status.textContent = failed.length ? `failed: ${failed[0].error}` : `done: ${successful[0].uploadURL}`
})

document.getElementById('file').addEventListener('change', (event) => {
  const [data] = event.target.files
  uppy.addFile({ name: data.name, type: data.type, data })
})

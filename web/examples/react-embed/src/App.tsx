import { LargeFileUpload, useReport, useStagedFiles, useUpload } from '@freshet/react'
import { useState, type ReactNode } from 'react'

/** Another application, with pages of its own: one of them has the upload in it. */
export function App(): ReactNode {
  const [page, setPage] = useState<'plan' | 'data'>('plan')
  return (
    <>
      <header>
        <strong>Loom</strong>
        <nav aria-label="Pages">
          <button type="button" aria-current={page === 'plan' ? 'page' : undefined} onClick={() => setPage('plan')}>Plan</button>
          <button type="button" aria-current={page === 'data' ? 'page' : undefined} onClick={() => setPage('data')}>Data</button>
        </nav>
        <Underway />
      </header>
      <main>{page === 'plan' ? <Plan /> : <Data />}</main>
    </>
  )
}

function Data(): ReactNode {
  return (
    <>
      <h1>Data</h1>
      <h2>Training files</h2>
      <LargeFileUpload dataType="custom" />
    </>
  )
}

/** Uploads go on whatever page is shown. */
function Underway(): ReactNode {
  const { transfers, moving } = useUpload()
  const count = transfers.filter(t => t.state !== 'done' && t.state !== 'canceled').length
  return <p className="underway" role="status">{moving ? `Sending ${count === 1 ? '1 file' : `${count} files`}` : ''}</p>
}

/** A page that only reads: which files are ready for the next run, and what is in the newest. */
function Plan(): ReactNode {
  const { files, total, loading, error } = useStagedFiles({ status: 'fresh', limit: 5 })
  const newest = files[0]
  if (error) return <p role="alert">{error.message}. {error.hint}</p>
  return (
    <>
      <h1>Next run</h1>
      <p>{loading && total === 0 ? 'Loading' : total === 1 ? '1 file is ready to train on' : `${total} files are ready to train on`}</p>
      <ol>{files.map(f => <li key={f.file_id}>{f.original_name}, {f.record_count.toLocaleString('en')} records</li>)}</ol>
      {newest && <Fields fileId={newest.file_id} name={newest.original_name} />}
    </>
  )
}

function Fields({ fileId, name }: { fileId: string; name: string }): ReactNode {
  const { report } = useReport(fileId)
  if (!report) return null
  return (
    <table>
      <caption>Fields of {name}</caption>
      <thead><tr><th scope="col">Field</th><th scope="col">In records</th></tr></thead>
      <tbody>{report.fields.map(f => <tr key={f.path}><th scope="row">{f.path}</th><td>{f.present.toLocaleString('en')}</td></tr>)}</tbody>
    </table>
  )
}

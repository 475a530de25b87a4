import { useState } from 'react'
import { FreshetError } from '@freshet/client'
import { Mark } from '../shell/Mark'
import { cache, client } from '../state/app'
import { t } from '../strings'

/** Where a key is asked for. It goes to the server once, which answers with a cookie. */
export function SignIn() {
  const [key, setKey] = useState('')
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  async function submit() {
    if (!key.trim()) return setError(t.signIn.empty)
    setBusy(true)
    try {
      await client.session.signIn(key.trim())
      setKey('')
      await cache.resetQueries()
    } catch (e) {
      setError(e instanceof FreshetError && e.status === 401 ? t.signIn.wrong : String((e as Error).message))
    } finally {
      setBusy(false)
    }
  }
  return (
    <main className="grid h-full place-items-center overflow-auto p-4">
      <form
        className="card w-full max-w-sm p-6"
        onSubmit={(e) => {
          e.preventDefault()
          void submit()
        }}
      >
        <p className="flex items-center gap-2.5 text-lg font-semibold tracking-tight">
          <Mark />
          Freshet
        </p>
        <h1 className="title mt-5">{t.signIn.title}</h1>
        <label htmlFor="key" className="mt-4 block text-sm font-medium">
          {t.signIn.key}
        </label>
        <input
          id="key"
          type="password"
          autoComplete="current-password"
          autoFocus
          className="field mt-1.5 w-full font-mono"
          value={key}
          aria-invalid={error !== ''}
          aria-describedby="key-hint key-error"
          onChange={(e) => {
            setKey(e.target.value)
            setError('')
          }}
        />
        <p id="key-error" role="alert" className="mt-1.5 text-sm text-red empty:hidden">
          {error}
        </p>
        <p id="key-hint" className="mt-1.5 text-xs text-ink2">
          {t.signIn.hint}
        </p>
        <button className="btn btn-p mt-5 w-full" aria-disabled={busy}>
          {t.signIn.go}
        </button>
      </form>
    </main>
  )
}

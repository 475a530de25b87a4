import type { RulesInput, RuleSet } from '@freshet/client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { moment, num } from '../format'
import { ruleSetQuery } from '../state/queries'
import { who } from '../state/steps'
import { t } from '../strings'
import { Buttons, Dialog } from '../ui/Dialog'
import { Failed, Waiting } from '../ui/State'
import { write } from './draft'

/** All versions of a set, newest first. */
export function Versions({ set, onUse }: { set: RuleSet; onUse: ((rules: RulesInput) => void) | undefined }) {
  const [shown, setShown] = useState<number | null>(null)
  return (
    <>
      <ol className="divide-y divide-line">
        {set.versions.map((v) => (
          <li key={v.version} className="flex items-center gap-3 py-2">
            <span className="min-w-0 flex-1">
              <span className="num block text-sm font-medium">{t.rules.version(num(v.version))}</span>
              <span className="num block text-xs text-ink2">{t.rules.madeBy(who(v.created_by), moment(v.created_time))}</span>
            </span>
            <button className="btn" onClick={() => setShown(v.version)} aria-label={t.rules.showVersion(num(v.version))}>
              {t.rules.show}
            </button>
          </li>
        ))}
      </ol>
      {shown !== null && <Version name={set.name} version={shown} latest={set.versions[0]?.version === shown} onUse={onUse} onClose={() => setShown(null)} />}
    </>
  )
}

function Version({ name, version, latest, onUse, onClose }: { name: string; version: number; latest: boolean; onUse: ((rules: RulesInput) => void) | undefined; onClose: () => void }) {
  const set = useQuery(ruleSetQuery(`${name}@${version}`))
  return (
    <Dialog title={`${name}@${version}`} onClose={onClose} wide>
      {set.data ? (
        <>
          <pre tabIndex={0} aria-label={t.rules.json} className="max-h-[60dvh] overflow-auto rounded-lg bg-sunken p-3 font-mono text-xs leading-[18px]">
            {write(set.data.rules as RulesInput)}
          </pre>
          <Buttons>
            <button className="btn" onClick={onClose}>
              {t.common.close}
            </button>
            {!latest && onUse && (
              <button
                className="btn btn-p"
                onClick={() => {
                  onClose()
                  onUse(set.data.rules as RulesInput)
                }}
              >
                {t.rules.useAgain}
              </button>
            )}
          </Buttons>
        </>
      ) : set.error ? (
        <Failed what={t.rules.version(num(version))} error={set.error} again={() => void set.refetch()} />
      ) : (
        <Waiting rows={3} />
      )}
    </Dialog>
  )
}

import { useQuery } from '@tanstack/react-query'
import { ArrowUpFromLine, FolderUp, SlidersHorizontal } from 'lucide-react'
import { useRef, useState } from 'react'
import { ruleSetsQuery, limitsQuery } from '../state/queries'
import { t } from '../strings'
import { Buttons, Dialog } from '../ui/Dialog'
import { complain } from '../ui/Say'
import { fromList, pick } from './gather'
import { intake } from './intake'
import { isDataType, options, setOptions } from './options'

export function UploadButtons() {
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const [asking, setAsking] = useState(false)
  const take = (input: HTMLInputElement) => {
    const chosen = fromList(input.files)
    input.value = '' // the same file may be chosen again
    intake(chosen).catch(complain)
  }
  return (
    <div className="flex items-center gap-2">
      <button className="ib border border-line bg-surface" aria-label={t.files.options} title={t.files.options} onClick={() => setAsking(true)}>
        <SlidersHorizontal size={16} aria-hidden />
      </button>
      <button className="ib border border-line bg-surface" aria-label={t.files.folder} title={t.files.folder} onClick={() => folder.current?.click()}>
        <FolderUp size={16} aria-hidden />
      </button>
      <button
        id="choose"
        className="btn btn-p"
        onClick={() =>
          pick(files.current)
            .then((chosen) => chosen && intake(chosen))
            .catch(complain)
        }
      >
        <ArrowUpFromLine size={16} aria-hidden />
        {t.files.upload}
      </button>
      <input ref={files} type="file" multiple hidden aria-label={t.files.chooseFiles} onChange={(e) => take(e.target)} />
      <input ref={folder} type="file" multiple hidden webkitdirectory="" aria-label={t.files.chooseFolder} onChange={(e) => take(e.target)} />
      {asking && <OptionsDialog onClose={() => setAsking(false)} />}
    </div>
  )
}

function OptionsDialog({ onClose }: { onClose: () => void }) {
  const now = options.use()
  const [dataType, setDataType] = useState(now.dataType)
  const [ruleSet, setRuleSet] = useState(now.ruleSet ?? '')
  const [description, setDescription] = useState(now.description ?? '')
  const sets = useQuery(ruleSetsQuery)
  const limits = useQuery(limitsQuery)
  const good = isDataType(dataType)
  return (
    <Dialog title={t.files.options} onClose={onClose}>
      <p className="mb-4 text-sm text-ink2">{t.files.optionsText}</p>
      <form
        className="space-y-4"
        onSubmit={(e) => {
          e.preventDefault()
          if (!good) return
          setOptions({ dataType, ruleSet: ruleSet || undefined, description: description || undefined })
          onClose()
        }}
      >
        <label className="block text-sm font-medium">
          {t.files.type}
          <input className="field mt-1 block w-full" list="data-types" value={dataType} aria-invalid={!good} aria-describedby="bad-type" onChange={(e) => setDataType(e.target.value)} />
        </label>
        <datalist id="data-types">{limits.data?.data_types.map((d) => <option key={d} value={d} />)}</datalist>
        <p id="bad-type" role="alert" className="!mt-1 text-sm text-red empty:hidden">
          {good ? '' : t.files.badType}
        </p>
        <label className="block text-sm font-medium">
          {t.files.ruleSet}
          <select className="field mt-1 block w-full" value={ruleSet} onChange={(e) => setRuleSet(e.target.value)}>
            <option value="">{t.files.noRuleSet}</option>
            {ruleSet && sets.data && !sets.data.some((s) => s.name === ruleSet) && <option value={ruleSet}>{t.files.goneRuleSet(ruleSet)}</option>}
            {sets.data?.map((s) => (
              <option key={s.name} value={s.name}>
                {s.name}
              </option>
            ))}
          </select>
        </label>
        <label className="block text-sm font-medium">
          {t.files.description}
          <input className="field mt-1 block w-full" value={description} onChange={(e) => setDescription(e.target.value)} />
        </label>
        <Buttons>
          <button type="button" className="btn" onClick={onClose}>
            {t.common.cancel}
          </button>
          <button className="btn btn-p" aria-disabled={!good}>
            {t.common.save}
          </button>
        </Buttons>
      </form>
    </Dialog>
  )
}

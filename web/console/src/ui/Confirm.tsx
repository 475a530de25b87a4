import { t } from '../strings'
import { Buttons, Dialog } from './Dialog'

/** Asks before something that cannot be undone, or is harmless and yet to be thought of. */
export function Confirm({ title, text, go, run, onClose, harmless }: { title: string; text: string; go: string; run: () => void; onClose: () => void; harmless?: boolean }) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      <Buttons>
        <button className="btn" onClick={onClose}>
          {t.common.cancel}
        </button>
        <button
          className={`btn ${harmless ? 'btn-p' : 'btn-danger'}`}
          onClick={() => {
            onClose()
            run()
          }}
        >
          {go}
        </button>
      </Buttons>
    </Dialog>
  )
}

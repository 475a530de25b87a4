import { t } from '../strings'
import { Buttons, Dialog } from './Dialog'

/** Asks before something that cannot be undone. */
export function Confirm({ title, text, go, run, onClose }: { title: string; text: string; go: string; run: () => void; onClose: () => void }) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      <Buttons>
        <button className="btn" onClick={onClose}>
          {t.common.cancel}
        </button>
        <button
          className="btn btn-danger"
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

import { Ellipsis } from 'lucide-react'
import { DropdownMenu as M } from 'radix-ui'
import { useRef } from 'react'
import type { MenuProps } from './Menu'

// Not modal: the modal one writes a style element, which the content policy refuses.
export default function MenuItems({ label, items, className }: MenuProps & { className: string }) {
  const trigger = useRef<HTMLButtonElement>(null)
  const chosen = useRef<(() => void) | null>(null)
  // first back to the button: a dialog that opens now leads back there when it closes
  const leave = (e: Event) => {
    e.preventDefault()
    trigger.current?.focus()
    chosen.current?.()
    chosen.current = null
  }
  return (
    <M.Root modal={false} defaultOpen>
      <M.Trigger ref={trigger} className={className} aria-label={label}>
        <Ellipsis size={17} aria-hidden />
      </M.Trigger>
      <M.Portal container={document.getElementById('main')}>
        <M.Content align="end" onCloseAutoFocus={leave} sideOffset={4} collisionPadding={8} className="z-40 max-w-72 min-w-48 rounded-lg border border-line bg-surface p-1 text-sm text-ink" style={{ boxShadow: 'var(--pop)' }}>
          {items.map(({ icon: Icon, label, run, why, danger }) => (
            <M.Item
              key={label}
              disabled={!!why}
              onSelect={() => (chosen.current = run)}
              className={`flex min-h-8 cursor-default items-start gap-2 rounded-md px-2 py-1.5 outline-none data-[disabled]:text-ink3 data-[highlighted]:bg-sunken ${danger && !why ? 'text-red' : ''}`}
            >
              <Icon size={15} className="mt-0.5 shrink-0" aria-hidden />
              <span>
                {label}
                {why && <span className="block text-xs">{why}</span>}
              </span>
            </M.Item>
          ))}
        </M.Content>
      </M.Portal>
    </M.Root>
  )
}

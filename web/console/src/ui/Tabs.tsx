import { Tabs as T } from 'radix-ui'
import type { ReactNode } from 'react'

export interface Tab {
  id: string
  label: string
  /** Shown beside the label. */
  count?: string
}

/** Tabs under one name; arrow keys move between them. The panels are T.Content of the same ids. */
export function Tabs({ label, value, onChange, tabs, children }: { label: string; value: string; onChange: (id: string) => void; tabs: Tab[]; children: ReactNode }) {
  return (
    <T.Root value={value} onValueChange={onChange}>
      <T.List aria-label={label} className="flex gap-5 overflow-x-auto border-b border-line max-[359px]:gap-3">
        {tabs.map((tab) => (
          <T.Trigger
            key={tab.id}
            value={tab.id}
            className="num shrink-0 border-b-2 border-transparent px-0.5 pt-1 pb-2.5 text-sm font-medium text-ink2 -outline-offset-2 hover:text-ink data-[state=active]:border-accent data-[state=active]:text-ink max-md:min-h-11"
          >
            {tab.label}
            {tab.count && <span className="ml-2 rounded-full bg-sunken px-1.5 py-0.5 text-xs text-ink2 max-[359px]:hidden">{tab.count}</span>}
          </T.Trigger>
        ))}
      </T.List>
      {children}
    </T.Root>
  )
}

export function Panel({ id, className = '', children }: { id: string; className?: string; children: ReactNode }) {
  return (
    <T.Content value={id} className={`mt-4 rounded-lg ${className}`}>
      {children}
    </T.Content>
  )
}

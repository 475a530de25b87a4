import type { ReactNode } from 'react'

export function Card({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <section className="card p-4">
      <div className="flex items-start justify-between gap-3">
        <h2 className="font-semibold">{title}</h2>
        {action}
      </div>
      <dl className="mt-2 divide-y divide-line">{children}</dl>
    </section>
  )
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap justify-between gap-x-4 py-1.5 text-sm">
      <dt className="text-ink2">{name}</dt>
      <dd className="num text-right font-medium">{children}</dd>
    </div>
  )
}

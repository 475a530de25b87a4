/** The sign of Freshet: two waves. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden>
      <rect width="24" height="24" rx="6.5" fill="var(--accent)" />
      <path d="M4 8.600c2.700-2.700 5.300 2.700 8 0s5.300 2.700 8 0M4 15.400c2.700-2.700 5.300 2.700 8 0s5.300 2.700 8 0" fill="none" stroke="var(--onaccent)" strokeWidth="2" strokeLinecap="round" />
    </svg>
  )
}

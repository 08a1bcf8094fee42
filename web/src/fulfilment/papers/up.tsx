import { Button } from '../../ui/base/button.tsx'
import { useSay } from '../../words.ts'

/** The items with one of them moved before the item above it. */
export function moved<Item>(items: readonly Item[], from: number): Item[] {
  const next = [...items]
  next.splice(from - 1, 0, ...next.splice(from, 1))
  return next
}

/** Moves a row above the one before it. */
export function Up({ name, at, onUp }: { name: string; at: number; onUp: () => void }) {
  const say = useSay()
  return (
    <span className="paper-up">
      {at > 0 && (
        <Button kind="quiet" size="small" aria-label={`${name} ${say(['上移', 'move up'])}`} onClick={onUp}>
          ↑
        </Button>
      )}
    </span>
  )
}

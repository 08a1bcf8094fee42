import { type ReactNode, useState } from 'react'
import { useSay } from '../../words.ts'
import { Button } from '../base/button.tsx'
import { useAllowed } from '../base/session.ts'
import type { ListTools } from '../list/list-page.tsx'
import { listWords } from '../list/list-words.ts'
import { MenuItem, Popover } from '../overlay/overlay.tsx'
import { nameOf } from './actions.ts'

/** The last column: whether the main action is possible, with its remedy. Small buttons appear on hover and focus. */
export function RowActs<Row extends { id: string }>(props: {
  row: Row
  first: ReactNode
  second: string | undefined
  remedy: { words: string; run: () => void } | undefined
  tools: ListTools<Row>
}) {
  const { row, remedy, tools } = props
  const say = useSay()
  const allowed = useAllowed()
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  const first = tools.actions[0]
  const firstWhy = first && (allowed(first.permission) ?? first.why?.(row, say))
  return (
    <div className="outcome">
      <div className="cut">{props.first}</div>
      <div>
        {remedy && (
          <button type="button" className="link row-remedy" tabIndex={-1} onClick={remedy.run}>
            {remedy.words}
          </button>
        )}
        <span className="row-acts">
          {remedy ? (
            <Button size="small" onClick={remedy.run}>
              {remedy.words}
            </Button>
          ) : (
            first &&
            firstWhy === undefined && (
              <Button size="small" action={nameOf(first)} onClick={() => tools.run(first, row)}>
                {say(first.words)}
              </Button>
            )
          )}
          {tools.actions.length > 0 && (
            <Button
              size="small"
              aria-haspopup="menu"
              aria-label={say(listWords.rowMenu)}
              onClick={(event) => setAnchor(event.currentTarget)}
            >
              ⋯
            </Button>
          )}
        </span>
      </div>
      {props.second && (
        <div className="outcome-second cut" title={props.second}>
          {props.second}
        </div>
      )}
      {anchor && (
        <Popover
          anchor={anchor}
          align="right"
          label={say(listWords.rowMenu)}
          role="menu"
          onClose={() => setAnchor(null)}
        >
          {tools.actions.map((action) => (
            <MenuItem
              key={nameOf(action)}
              action={nameOf(action)}
              danger={action.danger ?? false}
              {...(action.letter ? { letter: action.letter } : {})}
              why={allowed(action.permission) ?? action.why?.(row, say)}
              onPick={() => {
                setAnchor(null)
                tools.run(action, row)
              }}
            >
              {say(action.words)}
            </MenuItem>
          ))}
        </Popover>
      )}
    </div>
  )
}

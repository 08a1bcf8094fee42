import { type ReactNode, useEffect } from 'react'
import { type LocalizedPair, useSay } from '../../words.ts'
import { Button } from '../base/button.tsx'
import { type Key, useKeys } from '../base/keys.ts'
import { Fit } from '../list/fit.tsx'
import { useUrlState } from '../list/search-params.ts'
import { MenuItem } from '../overlay/overlay.tsx'
import { toast } from '../overlay/toasts.tsx'

export type Act = {
  /** Identifies the action for tests and scripts (`data-action`). For a verb over rows it is the path. */
  name: string
  words: LocalizedPair
  letter?: string | undefined
  why?: string | undefined
  primary?: boolean | undefined
  /** True: the button is at the far right, apart from the others. */
  danger?: boolean | undefined
  run: () => void
}

/** Returns the key of the action. If the action is not possible, the key shows the reason. */
export function keyOf(act: Act, busy = false): Key {
  return { key: (act.letter ?? '').toLowerCase(), words: act.words, run: () => busy || press(act) }
}

function press({ why, run }: Act): void {
  if (why === undefined) run()
  else toast('warn', why)
}

export function Acts({
  acts,
  busy,
  children,
}: {
  acts: readonly Act[]
  busy: boolean
  children?: ReactNode
}) {
  const say = useSay()
  useKeys(acts.map((act) => keyOf(act, busy)))
  // Only the first possible primary action is highlighted, as the next step.
  const first = acts.find((act) => act.primary && act.why === undefined)
  const button = (act: Act) => (
    <Button
      action={act.name}
      kind={act.danger ? 'danger-quiet' : act === first ? 'primary' : 'plain'}
      letter={act.letter}
      why={act.why}
      busy={busy}
      onClick={act.run}
    >
      {say(act.words)}
    </Button>
  )
  return (
    <>
      <Fit
        items={acts.filter((act) => !act.danger)}
        keyOf={(act) => act.name}
        item={button}
        rest={(act, close) => <ActItem key={act.name} act={act} close={close} />}
      />
      <span className="push row">
        {children}
        {acts
          .filter((act) => act.danger)
          .map((act) => (
            <span key={act.name}>{button(act)}</span>
          ))}
      </span>
    </>
  )
}

export function ActItem({ act, close }: { act: Act; close: () => void }) {
  const say = useSay()
  return (
    <MenuItem
      action={act.name}
      letter={act.letter}
      why={act.why}
      danger={act.danger}
      onPick={() => {
        close()
        act.run()
      }}
    >
      {say(act.words)}
    </MenuItem>
  )
}

/** A page's action. A link or the palette can also start it by name: `?do=add`. */
export type PageAct = Act

/** Actions of the page, independent of the focused row: buttons in its head, with their letters. */
export function PageActs({ acts }: { acts: readonly PageAct[] }) {
  const say = useSay()
  const [search, setSearch] = useUrlState()
  useKeys(acts.map((act) => keyOf(act)))
  const asked = acts.find(({ name }) => name === search['do'])
  // biome-ignore lint/correctness/useExhaustiveDependencies: done once, then it leaves the address
  useEffect(() => {
    if (!asked) return
    setSearch({ do: '' })
    press(asked)
  }, [asked?.name])
  return acts.map((act) => (
    <Button
      key={act.name}
      action={act.name}
      kind={act.primary ? 'primary' : 'plain'}
      letter={act.letter}
      why={act.why}
      onClick={act.run}
    >
      {say(act.words)}
    </Button>
  ))
}

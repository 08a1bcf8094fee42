import { type ReactNode, useEffect } from 'react'
import { type LocalizedPair, useSay } from '../../words.ts'
import { Button } from '../base/button.tsx'
import { type Key, useKeys } from '../base/keys.ts'
import { Fit } from '../list/fit.tsx'
import { useUrlState } from '../list/search-params.ts'
import { MenuItem } from '../overlay/overlay.tsx'
import { toast } from '../overlay/toasts.tsx'

/** Something that can be done with the one document that is open. */
export type Act = {
  /** What it is called where nobody reads: `data-action` of its buttons; a verb over rows is its path. */
  name: string
  words: LocalizedPair
  letter?: string | undefined
  /** Why it cannot be done now. */
  why?: string | undefined
  primary?: boolean | undefined
  /** Stands far right, apart from the others. */
  danger?: boolean | undefined
  run: () => void
}

/** The act's letter, which says why when it does nothing now. */
export function keyOf(act: Act, busy = false): Key {
  return { key: (act.letter ?? '').toLowerCase(), words: act.words, run: () => busy || press(act) }
}

function press({ why, run }: Act): void {
  if (why === undefined) run()
  else toast('warn', why)
}

/** A document's actions at its foot, each with its letter. */
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
  // One button is the next step; a second one beside it would only ask to be compared.
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

/** An action in a menu. */
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

/** By its name a link or the palette asks for it as well: `?do=add`. */
export type PageAct = Act

/** What a page does whichever row has the focus: buttons at its head, with their letters. */
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

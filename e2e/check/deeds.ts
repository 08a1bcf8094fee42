import type { Deed, ShopBooks } from './books.ts'
import type { Notebook } from './differences.ts'
import type { OurAction, OurShop } from './ours.ts'

/** Compares the platform's record of our actions with the outbox: each action took effect once. */
export function checkDeeds(note: Notebook, books: ShopBooks, ours: OurShop): void {
  const accepted = Map.groupBy(
    books.deeds.filter((deed) => deed.accepted && wordOfDeed(deed) in kinds),
    (deed) => `${wordOfDeed(deed)} ${deed.key}`,
  )
  // Numbers are compared with the books of their sources (numbers.ts).
  const told = ours.actions.filter(({ kind }) => Object.values(kinds).includes(kind))
  const actions = Map.groupBy(told, (action) => `${wordOf(action)} ${keyOf(action)}`)
  for (const key of new Set([...accepted.keys(), ...actions.keys()]))
    checkOne(note, key, accepted.get(key) ?? [], actions.get(key) ?? [])
  for (const action of ours.actions)
    note.holds(
      'every action came to an end, or waits for a person',
      action.id,
      isOver(action, ours.actions),
      action,
    )
}

const kinds: Record<string, string> = {
  refuse: 'refund.refuse',
  agree: 'refund.agree',
  memo: 'trade.memo',
  ship: 'trade.ship',
  cancel: 'refund.cancel',
}
/** Where a return is paid when its goods are confirmed, confirming them is how we agree to it. */
const wordOfDeed = ({ action }: Deed) => (action === 'receive' ? 'agree' : action)
const wordOf = (action: OurAction) =>
  Object.keys(kinds).find((word) => kinds[word] === action.kind) ?? action.kind
const keyOf = (action: OurAction) => action.payload.refundId ?? action.payload.tid ?? ''
const over = ['succeeded', 'failed', 'unknown', 'forced', 'manual', 'withdrawn']

/** If an action of a refund waits for a user's judgement, later actions of the same refund wait too. */
function isOver(action: OurAction, all: readonly OurAction[]): boolean {
  return (
    over.includes(action.state) ||
    all.some(
      (one) =>
        one.subject_id === action.subject_id && Number(one.id) < Number(action.id) && one.state === 'unknown',
    )
  )
}

function checkOne(note: Notebook, key: string, deeds: readonly Deed[], actions: readonly OurAction[]): void {
  // Without actions that were found already done, which another client may have done.
  const own = actions.filter(
    (action) => action.state === 'succeeded' && !action.result?.seen && !action.result?.alreadyDone,
  )
  // The sender of a withdrawn action may have been killed between its effect and its answer, which the platform's state then told.
  const possible = actions.filter(
    ({ state, attempt }) =>
      state === 'succeeded' || state === 'unknown' || (state === 'withdrawn' && attempt > 0),
  )
  if (key.startsWith('memo ')) {
    // Writing the same memo again changes nothing, so it may be sent twice.
    note.holds('a memo that we say is written was written', key, own.length === 0 || deeds.length >= 1, deeds)
    note.holds('no memo without an intent', key, possible.length > 0 || deeds.length === 0, deeds)
    return
  }
  if (key.startsWith('cancel ')) {
    // Reporting the same again changes nothing on the platform, so it is sent again if its answer was lost.
    const sent = actions.reduce((sum, { attempt }) => sum + attempt, 0)
    note.holds('what we say is reported was reported', key, own.length === 0 || deeds.length >= 1, deeds)
    note.holds('no report more often than it was sent', key, deeds.length <= sent, { deeds, actions })
    return
  }
  note.holds('what we say is done was done', key, deeds.length >= own.length, { deeds, actions })
  note.holds('each intent took effect at most once', key, deeds.length <= possible.length, { deeds, actions })
}

import { useQueryClient } from '@tanstack/react-query'
import { postVerb } from '../../api.ts'
import { useSay } from '../../words.ts'
import { count } from '../base/figures.tsx'
import { useAllowed } from '../base/session.ts'
import { shared } from '../base/words.ts'
import { toast, toastError } from '../overlay/toasts.tsx'
import type { Results, RowAction } from './actions.ts'
import { atOnce, outcomeWords } from './carry-out.ts'

/** The most numbers in a link. */
const linkedMost = 100

/** Shows how many rows were done, with a link to created documents and an undo button if there are any. */
export function useTellDone<Row extends { id: string }>() {
  const say = useSay()
  const queries = useQueryClient()
  const allowed = useAllowed()
  const takeBack = async (undo: NonNullable<RowAction<Row>['undo']>, ids: readonly string[]) => {
    try {
      const { results } = await postVerb(undo.path, { ids, ...undo.input })
      const done = results.filter((each) => each.done).length
      const refused = results.flatMap((each) => (each.done ? [] : [each]))[0]
      if (done > 0) toast('ok', say(undo.done, { n: count(done) }))
      if (refused) toast('warn', await outcomeWords(refused, say))
      await queries.invalidateQueries()
    } catch (error) {
      toastError(error)
    }
  }
  return ({ action: { undo, undoable, made, done }, rows, outcomes }: Results<Row>) => {
    const good = outcomes.flatMap((each) => (each.done ? [each] : []))
    if (good.length === 0) return
    const refs = good.flatMap(({ ref }) => ref ?? [])
    const ids = good.map(({ id }) => id)
    toast(
      'ok',
      say(done, { n: count(good.length) }),
      ...(made && refs.length > 0 && refs.length <= linkedMost
        ? [
            {
              label: refs.length === 1 ? (refs[0] ?? '') : say(made.words),
              to: made.to(
                refs,
                rows.filter(({ id }) => ids.includes(id)),
              ),
            },
          ]
        : []),
      ...(undo &&
      rows.every((row) => undoable?.(row) ?? true) &&
      ids.length <= atOnce &&
      allowed(undo.permission) === undefined
        ? [{ label: say(shared.undo), run: () => void takeBack(undo, ids) }]
        : []),
    )
  }
}

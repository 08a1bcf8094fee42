import type { LocalizedText } from '../../../../server/lib/localized-text.ts'
import { errorText } from '../../api.ts'
import { useSay } from '../../words.ts'
import { Note } from '../base/empty.tsx'
import { outcomeText } from './batch-words.ts'

type Outcome = { done: boolean; code?: string; message?: LocalizedText }

/** The reason why a dialog's request changed nothing: the row was refused, or the request failed. */
export function NotSaved({
  save,
}: {
  save: { data: { results: readonly Outcome[] } | undefined; error: Error | null }
}) {
  const say = useSay()
  const refused = save.data?.results.find((one) => !one.done)
  return (
    <>
      {refused && <Note tone="bad">{outcomeText(refused, say)}</Note>}
      {save.error && <Note tone="bad">{errorText(save.error)}</Note>}
    </>
  )
}

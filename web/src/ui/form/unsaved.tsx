import { useBlocker } from '@tanstack/react-router'
import { useSay } from '../../words.ts'
import { textOnly } from '../list/search-params.ts'
import { Confirm } from '../overlay/confirm.tsx'

/** Asks before unsaved input is lost: by opening another page, choosing another shop, or closing the window. */
export function Unsaved({ dirty }: { dirty: boolean }) {
  const left = useBlocker({
    shouldBlockFn: ({ current, next }) =>
      dirty &&
      (current.pathname !== next.pathname ||
        textOnly(current.search)['shop'] !== textOnly(next.search)['shop']),
    enableBeforeUnload: () => dirty,
    withResolver: true,
  })
  if (left.status !== 'blocked') return null
  return <AskUnsaved onConfirm={left.proceed} onClose={left.reset} />
}

/** Asks before another document is chosen on the same page. */
export function AskUnsaved(props: { onConfirm: () => void; onClose: () => void }) {
  const say = useSay()
  return (
    <Confirm
      title={say(['有没保存的改动', 'There are unsaved changes'])}
      act={say(['放弃改动', 'Discard them'])}
      danger
      onConfirm={props.onConfirm}
      onClose={props.onClose}
    >
      <p>{say(['离开后，这一页的改动就没有了。', 'Whoever leaves this page loses them.'])}</p>
    </Confirm>
  )
}

import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { ApiError, post } from '../../api.ts'
import type { Answer, Path } from '../../api-routes.ts'
import type { LocalizedPair } from '../../words.ts'
import { ReasonDialog } from '../overlay/confirm.tsx'
import { toastError } from '../overlay/toasts.tsx'

type RevealPath = Extract<Path<'POST'>, `${string}/reveal`>

/** Reveals personal data, which the server audits. */
export function useReveal<P extends RevealPath>(
  path: P,
  id: string,
): {
  shown: Answer<'POST', P> | undefined
  busy: boolean
  reveal: () => void
  dialog: ReactNode
} {
  const { answer, busy, run, dialog } = useReasonedLook(
    async (reason) => ({ id, seen: (await post<RevealPath>(path, reason, { id })) as Answer<'POST', P> }),
    ['查看', 'Show'],
  )
  // The answer stays while the caller turns to another document, under which it must not be shown.
  return { shown: answer?.id === id ? answer.seen : undefined, busy, reveal: run, dialog }
}

/** Asks for personal data. After many looks in a day the server requires a reason; `dialog` asks for it, and its button says `act`. */
export function useReasonedLook<Seen>(
  look: (reason: { reason?: string }) => Promise<Seen>,
  act: LocalizedPair,
  onSeen?: (seen: Seen) => void,
): { answer: Seen | undefined; busy: boolean; run: () => void; dialog: ReactNode } {
  const [asking, setAsking] = useState(false)
  const { data, isPending, mutate } = useMutation({
    mutationFn: (reason: string) => look(reason === '' ? {} : { reason }),
    onSuccess: (seen) => {
      setAsking(false)
      onSeen?.(seen)
    },
    onError: (error) => {
      if (error instanceof ApiError && error.code === 'reason_needed') setAsking(true)
      else toastError(error)
    },
  })
  const dialog = asking && (
    <ReasonDialog
      title={['今天看了很多买家，写明这次的原因', 'Very many buyers were seen today: why this one?']}
      act={act}
      count={1}
      onSubmit={mutate}
      onClose={() => setAsking(false)}
    />
  )
  return { answer: data, busy: isPending, run: () => mutate(''), dialog }
}

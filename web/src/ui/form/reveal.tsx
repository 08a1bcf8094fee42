import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { ApiError, post } from '../../api.ts'
import type { Answer, Path } from '../../api-routes.ts'
import { ReasonDialog } from '../overlay/confirm.tsx'
import { toastError } from '../overlay/toasts.tsx'

type RevealPath = Extract<Path<'POST'>, `${string}/reveal`>

/** Reveals personal data, which the server audits. After many reveals in a day the server requires a reason; `dialog` asks for it. */
export function useReveal<P extends RevealPath>(
  path: P,
  id: string,
): {
  shown: Answer<'POST', P> | undefined
  busy: boolean
  reveal: () => void
  dialog: ReactNode
} {
  const [asking, setAsking] = useState(false)
  const look = useMutation({
    mutationFn: async (reason: string) =>
      (await post<RevealPath>(path, reason === '' ? {} : { reason }, { id })) as Answer<'POST', P>,
    onSuccess: () => setAsking(false),
    onError: (error) => {
      if (error instanceof ApiError && error.code === 'reason_needed') setAsking(true)
      else toastError(error)
    },
  })
  return {
    shown: look.data,
    busy: look.isPending,
    reveal: () => look.mutate(''),
    dialog: asking && (
      <ReasonDialog
        title={['今天看了很多买家，写明这次的原因', 'Very many buyers were seen today: why this one?']}
        act={['查看', 'Show']}
        count={1}
        onSubmit={(reason) => look.mutate(reason)}
        onClose={() => setAsking(false)}
      />
    ),
  }
}

import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, post } from '../../api.ts'
import { ReasonDialog } from '../../ui/overlay/confirm.tsx'
import { toastError } from '../../ui/overlay/toasts.tsx'

/**
 * The receivers of plain labels, in the clear: asked one by one, each with its audit row, and kept only while the dialog is open. After many
 * of a day the server wants a reason.
 */
export function useReceivers() {
  const [known, setKnown] = useState<ReadonlyMap<string, string>>(new Map())
  const [waiting, setWaiting] = useState<readonly string[]>()
  const look = useMutation({
    mutationFn: async ({ ids, reason }: { ids: readonly string[]; reason: string }) => {
      for (const [at, id] of ids.entries()) {
        try {
          const of = await post('/papers/:id/reveal', reason === '' ? {} : { reason }, { id })
          const place = [of.province, of.city, of.district, of.town, of.address].join('')
          const text = `${[of.name, of.mobile || of.phone].filter(Boolean).join(' ')}\n${place}`
          setKnown((before) => new Map(before).set(id, text))
        } catch (error) {
          if (error instanceof ApiError && error.code === 'reason_needed') return ids.slice(at)
          throw error
        }
      }
      return undefined
    },
    onSuccess: setWaiting,
    onError: toastError,
  })
  return {
    known,
    busy: look.isPending,
    reveal: (ids: readonly string[]) => look.mutate({ ids: ids.filter((id) => !known.has(id)), reason: '' }),
    dialog: waiting && (
      <ReasonDialog
        title={['今天看了很多买家，写明这次的原因', 'Many buyers were looked at today: say why these']}
        act={['查看', 'Show']}
        count={waiting.length}
        onSubmit={(reason) => look.mutate({ ids: waiting, reason })}
        onClose={() => setWaiting(undefined)}
      />
    ),
  }
}

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText, get } from '../../api.ts'
import { Note } from '../../ui/base/empty.tsx'
import { Choice, TextArea } from '../../ui/form/form.tsx'
import { useSay } from '../../words.ts'
import type { Proof } from './proof.ts'
import { ProofField } from './proof-field.tsx'

/** The state of a refusal form. The platform's reasons depend on the refund; without a refund there are none. */
export function useRefusal(refundId: string | undefined) {
  const say = useSay()
  const { data, error } = useQuery({
    queryKey: ['/staged-refunds', refundId, 'reasons'],
    queryFn: () => get('/staged-refunds/:id/refuse-reasons', { id: refundId ?? '' }),
    staleTime: 300_000,
    enabled: refundId !== undefined,
  })
  const [reasonId, setReasonId] = useState('')
  const [message, setMessage] = useState('')
  const [proof, setProof] = useState<Proof>()
  const proofMissing = (data?.proofNeeded ?? false) && !proof
  const why =
    reasonId === ''
      ? say(['先选原因', 'Choose the reason first'])
      : message.trim().length < 2
        ? say(['先写说明', 'Write the message first'])
        : proofMissing
          ? say(['先选凭证', 'Choose the proof first'])
          : undefined
  const input = {
    reasonId,
    message: message.trim(),
    ...(proof ? { proof: { type: proof.type, base64: proof.base64 } } : {}),
  }
  return {
    /** Why the refusal cannot be sent yet. */
    why,
    input,
    fields: {
      reasons: data?.reasons ?? [],
      error,
      reasonId,
      setReasonId,
      message,
      setMessage,
      proof,
      setProof,
      proofMissing,
    },
  }
}

export function RefusalFields({
  fields,
  platform,
}: {
  fields: ReturnType<typeof useRefusal>['fields']
  platform: string
}) {
  const say = useSay()
  const { error, message } = fields
  return (
    <>
      {error && <Note tone="bad">{errorText(error)}</Note>}
      <Choice
        label={say(['原因', 'Reason'])}
        value={fields.reasonId}
        onChange={fields.setReasonId}
        // No reason is preselected: buyer and platform read it, and an untrue reason loses the case.
        options={[
          ...(fields.reasonId === '' ? [{ value: '', label: say(['请选择', 'Choose one']) }] : []),
          ...fields.reasons.map((each) => ({ value: each.id, label: each.text })),
        ]}
      />
      <TextArea
        label={say(['说明', 'Message'])}
        value={message}
        maxLength={200}
        onChange={fields.setMessage}
        aside={`${message.length} / 200`}
      />
      <ProofField
        proof={fields.proof}
        onProof={fields.setProof}
        missing={fields.proofMissing}
        platform={platform}
      />
    </>
  )
}

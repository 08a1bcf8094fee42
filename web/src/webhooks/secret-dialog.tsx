import { useMutation, useQueryClient } from '@tanstack/react-query'
import { errorText, post } from '../api.ts'
import { Button } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { nearTime } from '../ui/base/time.ts'
import { shared } from '../ui/base/words.ts'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { Dialog } from '../ui/overlay/overlay.tsx'
import { CopyBox } from '../users/copy-box.tsx'
import { useSay } from '../words.ts'
import type { Subscription } from './query.ts'

/** Makes another signing secret, and shows it this one time. */
export function SecretDialog({
  subscription: { id, name },
  onClose,
}: {
  subscription: Subscription
  onClose: () => void
}) {
  const say = useSay()
  const queries = useQueryClient()
  const rotate = useMutation({
    mutationFn: () => post('/webhooks/:id/rotate', {}, { id }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['/webhooks'] }),
  })
  if (rotate.data)
    return (
      <SecretShown
        title={say(['{name} 的新密钥', 'New secret of {name}'], { name })}
        secret={rotate.data.secret}
        note={say(['旧密钥到 {at} 都还能核对', 'The former secret fits too until {at}'], {
          at: nearTime(rotate.data.formerUntil),
        })}
        onClose={onClose}
      />
    )
  return (
    <FormDialog
      ready
      title={say(['换 {name} 的密钥', 'Change the secret of {name}'], { name })}
      act={say(['换密钥', 'Change the secret'])}
      busy={rotate.isPending}
      keeps={rotate.isPending}
      onSubmit={() => rotate.mutate()}
      onClose={onClose}
    >
      <p>
        {say([
          '接下来一天里，每条推送同时带新旧两个签名，程序在这一天里换上新密钥就不会断。',
          'For a day each message has both signatures, so the program misses nothing while its secret is changed.',
        ])}
      </p>
      {rotate.error && <Note tone="bad">{errorText(rotate.error)}</Note>}
    </FormDialog>
  )
}

export function SecretShown(props: { title: string; secret: string; note?: string; onClose: () => void }) {
  const say = useSay()
  const { title, secret, note, onClose } = props
  return (
    <Dialog
      keeps
      title={title}
      label={title}
      onClose={onClose}
      foot={<Button onClick={onClose}>{say(shared.close)}</Button>}
    >
      <CopyBox
        text={secret}
        label={say(['签名密钥，只显示这一次', 'The signing secret, shown this one time'])}
      />
      {note && <p className="t2">{note}</p>}
    </Dialog>
  )
}

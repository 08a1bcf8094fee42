import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { errorText } from '../api.ts'
import { Button } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { shared } from '../ui/base/words.ts'
import { TextField } from '../ui/form/form.tsx'
import { Dialog } from '../ui/overlay/overlay.tsx'
import { type LocalizedPair, useSay } from '../words.ts'

type Asked<Made> = {
  title: LocalizedPair
  /** Text above the name. */
  about?: LocalizedPair
  /** The label of the name; left out: the thing has one already. */
  name?: LocalizedPair
  danger?: boolean
  act: LocalizedPair
  make: (name: string) => Promise<Made>
  /** The list that shows the thing. */
  list: QueryKey
  /** Shows the secret, which no later answer has. */
  given: (made: Made) => ReactNode
  onClose: () => void
}

/** Makes a thing with a secret of its own, or gives it a new one, and shows the secret this one time. */
export function SecretDialog<Made>({ given, list, onClose, ...props }: Asked<Made>) {
  const say = useSay()
  const title = say(props.title)
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const make = useMutation({
    mutationFn: () => props.make(name.trim()),
    onSuccess: () => queries.invalidateQueries({ queryKey: list }),
  })
  return (
    <Dialog
      title={title}
      label={title}
      keeps={make.isPending || make.data !== undefined}
      onClose={onClose}
      foot={
        make.data ? (
          <Button onClick={onClose}>{say(shared.close)}</Button>
        ) : (
          <>
            <Button busy={make.isPending} onClick={onClose}>
              {say(shared.cancel)}
            </Button>
            <Button
              kind={props.danger ? 'danger' : 'primary'}
              why={props.name && name.trim() === '' ? say(['先填名称', 'Give it a name first']) : undefined}
              busy={make.isPending}
              onClick={() => make.mutate()}
            >
              {say(props.act)}
            </Button>
          </>
        )
      }
    >
      {make.data ? (
        given(make.data)
      ) : (
        <>
          {props.about && <p className="t2">{say(props.about)}</p>}
          {props.name && <TextField label={say(props.name)} value={name} onChange={setName} maxLength={60} />}
        </>
      )}
      {make.error && <Note tone="bad">{errorText(make.error)}</Note>}
    </Dialog>
  )
}

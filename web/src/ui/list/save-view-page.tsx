import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { post } from '../../api.ts'
import { useSay } from '../../words.ts'
import { Button } from '../base/button.tsx'
import { shared } from '../base/words.ts'
import { Popover } from '../overlay/overlay.tsx'
import { toastError } from '../overlay/toasts.tsx'
import { listWords } from './list-words.ts'

/** Saves the filter under a name. `query`: the filter as the address has it. */
export default function SaveViewForm({
  list,
  query,
  anchor,
  onClose,
}: {
  list: string
  query: string
  anchor: HTMLElement
  onClose: () => void
}) {
  const say = useSay()
  const [name, setName] = useState('')
  const queries = useQueryClient()
  const save = useMutation({
    mutationFn: () => post('/views', { list, name, query }),
    onSuccess: () => {
      onClose()
      return queries.invalidateQueries({ queryKey: ['/views', list] })
    },
    onError: toastError,
  })
  return (
    <Popover anchor={anchor} align="right" label={say(listWords.saveView)} onClose={onClose}>
      <form
        className="editor"
        onSubmit={(event) => {
          event.preventDefault()
          if (name.trim() !== '') save.mutate()
        }}
      >
        <input
          className="input"
          value={name}
          maxLength={40}
          onChange={(event) => setName(event.target.value)}
          aria-label={say(listWords.viewName)}
          placeholder={say(listWords.viewName)}
        />
        <span className="push">
          <Button kind="primary" size="small" type="submit" busy={save.isPending}>
            {say(shared.save)}
          </Button>
        </span>
      </form>
    </Popover>
  )
}

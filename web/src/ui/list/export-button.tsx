import { useMutation } from '@tanstack/react-query'
import { getSheet, type Query } from '../../api.ts'
import { useSay } from '../../words.ts'
import { Button } from '../base/button.tsx'
import { saveFile } from '../base/save-file.ts'
import { useAllowed } from '../base/session.ts'
import { toastError } from '../overlay/toasts.tsx'
import { listWords } from './list-words.ts'

/** Downloads the rows as a sheet. A request and not a link is used, because the search text must not be in an address. */
export function ExportButton({ list, query }: { list: string; query: Query }) {
  const say = useSay()
  const fetching = useMutation({
    mutationFn: () => getSheet(list, query),
    onSuccess: saveFile,
    onError: toastError,
  })
  return (
    <Button why={useAllowed()('export')} busy={fetching.isPending} onClick={() => fetching.mutate()}>
      {say(listWords.export)}
    </Button>
  )
}

import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiError } from './api.ts'
import { router } from './routes.tsx'
import { applyTheme } from './ui/store.ts'
import './ui/theme.css'
import './ui/base.css'
import './ui/form.css'
import './ui/table.css'
import { language, setLanguage } from './words.ts'

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // A refusal stays one; only what did not get through is worth another try.
      retry: (times, error) =>
        times < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
})

applyTheme()
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', applyTheme)
setLanguage(language())

const place = document.getElementById('root')
if (!place) throw new Error('The page has no #root.')
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)

import { createClient } from '@freshet/client'
import { FreshetProvider } from '@freshet/react'
import '@freshet/react/style.css'
import { createRoot } from 'react-dom/client'
import { App } from './App.tsx'
import './loom.css'

// Where the server is; '' when it is reached through this page's own origin.
const client = createClient({ baseUrl: import.meta.env.VITE_FRESHET_URL ?? '' })

createRoot(document.querySelector('#root')!).render(<FreshetProvider client={client}><App /></FreshetProvider>)

document.body.textContent = "The console is not built: see web/console."

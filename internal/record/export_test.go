package record

// Forms calls f with each form of scanning that this build and processor have.
func Forms(f func(name string)) {
	defer func(was form) { wide = was }(wide)
	for _, wide = range forms() {
		f(wide.name)
	}
}

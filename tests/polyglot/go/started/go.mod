module started

go 1.24

require github.com/hookgate/hookgate/plugins-sdk/go v0.0.0

replace github.com/hookgate/hookgate/plugins-sdk/go => ../../../../plugins-sdk/go
